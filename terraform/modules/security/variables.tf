variable "name" {
  description = "Prefix of every name here."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "name must be 3 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "vpc_id" {
  description = "The VPC of the security groups."
  type        = string

  validation {
    condition     = startswith(var.vpc_id, "vpc-")
    error_message = "vpc_id must be the id of a VPC, vpc-..."
  }
}

variable "node_security_group_id" {
  description = "The security group that EKS puts on every node: the only one that may reach cache and file system."
  type        = string

  validation {
    condition     = startswith(var.node_security_group_id, "sg-")
    error_message = "node_security_group_id must be the id of a security group, sg-..."
  }
}

variable "key_deletion_days" {
  description = "For how many days a deleted key can still be brought back, with all that it encrypts."
  type        = number
  default     = 30

  validation {
    condition     = var.key_deletion_days >= 7 && var.key_deletion_days <= 30
    error_message = "key_deletion_days must be between 7 and 30: KMS takes no other."
  }
}

variable "repositories" {
  description = "The names of the image repositories, below `name`."
  type        = set(string)
  default     = ["router"]

  validation {
    condition     = alltrue([for repository in var.repositories : can(regex("^[a-z0-9][a-z0-9._-]*$", repository))])
    error_message = "repositories are lower-case names of images, such as router."
  }
}

variable "kept_images" {
  description = "How many images each repository keeps: as far back as a rollback can go."
  type        = number
  default     = 30

  validation {
    condition     = var.kept_images >= 1 && var.kept_images <= 1000
    error_message = "kept_images must be between 1 and 1000."
  }
}

variable "force_delete" {
  description = "Whether destroying a repository destroys the images in it too."
  type        = bool
  default     = false
}

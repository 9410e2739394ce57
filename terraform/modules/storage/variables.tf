variable "name" {
  description = "Prefix of every name here."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "name must be 3 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "key_arn" {
  description = "The key that encrypts models and volumes."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key."
  }
}

variable "force_destroy" {
  description = "Whether destroying the bucket destroys the models in it too."
  type        = bool
  default     = false
}

variable "old_version_days" {
  description = "For how many days an overwritten or deleted model can be brought back."
  type        = number
  default     = 30

  validation {
    condition     = var.old_version_days >= 1 && var.old_version_days <= 365
    error_message = "old_version_days must be between 1 and 365."
  }
}

variable "lustre" {
  description = <<-EOT
    The file system in front of the bucket; null: none. `SCRATCH_2` is the cheapest and is filled again from S3 when a
    server dies; `PERSISTENT_2` replaces it unseen. `capacity_gb` is 1200 or a multiple of 2400; `throughput` is MB/s a TiB.
  EOT
  type = object({
    deployment_type = optional(string, "SCRATCH_2")
    capacity_gb     = optional(number, 1200)
    throughput      = optional(number, 125)
  })
  default = null

  validation {
    condition     = var.lustre == null || contains(["SCRATCH_2", "PERSISTENT_2"], try(var.lustre.deployment_type, ""))
    error_message = "lustre.deployment_type must be SCRATCH_2 or PERSISTENT_2."
  }

  validation {
    condition     = var.lustre == null || try(var.lustre.capacity_gb == 1200 || (var.lustre.capacity_gb > 0 && var.lustre.capacity_gb % 2400 == 0), false)
    error_message = "lustre.capacity_gb must be 1200 or a multiple of 2400."
  }

  validation {
    condition     = var.lustre == null || contains([125, 250, 500, 1000], try(var.lustre.throughput, 0))
    error_message = "lustre.throughput must be 125, 250, 500 or 1000."
  }
}

variable "lustre_subnet_id" {
  description = "The one subnet of the file system. It lives in one zone; traffic from others costs by the gigabyte."
  type        = string

  validation {
    condition     = startswith(var.lustre_subnet_id, "subnet-")
    error_message = "lustre_subnet_id must be the id of a subnet, subnet-..."
  }
}

variable "lustre_security_group_id" {
  description = "The security group of the file system."
  type        = string

  validation {
    condition     = startswith(var.lustre_security_group_id, "sg-")
    error_message = "lustre_security_group_id must be the id of a security group, sg-..."
  }
}

variable "log_group_arn" {
  description = "Where the file system says what it could not import."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:logs:[a-z0-9-]+:[0-9]{12}:log-group:/aws/fsx/", var.log_group_arn))
    error_message = "log_group_arn must be the ARN of a log group below /aws/fsx/: FSx writes nowhere else."
  }
}

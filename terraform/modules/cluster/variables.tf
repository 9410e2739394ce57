variable "name" {
  description = "The cluster's name, and prefix of every name here."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "name must be 3 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "kubernetes_version" {
  description = "The control plane's Kubernetes, one minor version at a time. 1.35 has standard support until March 2027."
  type        = string
  default     = "1.35"

  validation {
    condition     = can(regex("^1\\.(3[3-9]|[4-9][0-9])$", var.kubernetes_version))
    error_message = "kubernetes_version must be a minor version from 1.33 on, such as 1.35."
  }
}

variable "subnet_ids" {
  description = "Where the control plane puts its interfaces: subnets of at least two zones, without a way out."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2 && alltrue([for id in var.subnet_ids : startswith(id, "subnet-")])
    error_message = "subnet_ids must be at least two ids of subnets, subnet-..."
  }
}

variable "public_access_cidrs" {
  description = "From where the API may be reached over the internet. Empty: from inside the VPC alone."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.public_access_cidrs : can(cidrnetmask(cidr)) && !endswith(cidr, "/0")])
    error_message = "public_access_cidrs must be IPv4 blocks, and not the whole internet."
  }
}

variable "secrets_key_arn" {
  description = "The key that encrypts Kubernetes secrets."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.secrets_key_arn))
    error_message = "secrets_key_arn must be the ARN of a KMS key."
  }
}

variable "log_kms_key_arn" {
  description = "The key that encrypts the control plane's log."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.log_kms_key_arn))
    error_message = "log_kms_key_arn must be the ARN of a KMS key."
  }
}

variable "log_retention_days" {
  description = "For how many days the control plane's log is kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 731, 1096], var.log_retention_days)
    error_message = "log_retention_days must be a retention that CloudWatch Logs knows, such as 30, 90 or 365."
  }
}

variable "admin_principal_arns" {
  description = "IAM roles or users that administer the cluster. Nobody else does, the creator included."
  type        = set(string)

  validation {
    condition     = alltrue([for arn in var.admin_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "admin_principal_arns must be ARNs of IAM roles or users."
  }

  validation {
    condition     = length(var.admin_principal_arns) > 0
    error_message = "admin_principal_arns must name at least one: a cluster without an administrator is lost."
  }
}

variable "cni_role_arn" {
  description = "The role of the pod network, which attaches addresses to nodes."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", var.cni_role_arn))
    error_message = "cni_role_arn must be the ARN of an IAM role."
  }
}

variable "addon_versions" {
  description = "Versions of add-ons, by name; one that is not named gets AWS's default for this Kubernetes when it is made, and keeps it."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for version in values(var.addon_versions) : can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+-eksbuild\\.[0-9]+$", version))])
    error_message = "addon_versions must look like v1.20.4-eksbuild.2."
  }
}

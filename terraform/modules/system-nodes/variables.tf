variable "cluster_name" {
  description = "The cluster that the nodes join."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.cluster_name))
    error_message = "cluster_name must be 3 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "kubernetes_version" {
  description = "The nodes' Kubernetes: the control plane's, or one minor version behind during an upgrade."
  type        = string

  validation {
    condition     = can(regex("^1\\.(3[3-9]|[4-9][0-9])$", var.kubernetes_version))
    error_message = "kubernetes_version must be a minor version from 1.33 on, such as 1.35."
  }
}

variable "ami_release" {
  description = "The release of the AMI, such as 1.35.1-20260105. Null: the newest one when the group is made, and none newer by itself."
  type        = string
  default     = null

  validation {
    condition     = var.ami_release == null || can(regex("^1\\.[0-9]+\\.[0-9]+-[0-9]{8}$", var.ami_release))
    error_message = "ami_release must look like 1.35.1-20260105."
  }
}

variable "subnet_ids" {
  description = "The private subnets of the nodes."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0 && alltrue([for id in var.subnet_ids : startswith(id, "subnet-")])
    error_message = "subnet_ids must be ids of subnets, subnet-..."
  }
}

variable "node_role_arn" {
  description = "The nodes' role."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", var.node_role_arn))
    error_message = "node_role_arn must be the ARN of an IAM role."
  }
}

variable "volume_key_arn" {
  description = "The key that encrypts the nodes' disks."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.volume_key_arn))
    error_message = "volume_key_arn must be the ARN of a KMS key."
  }
}

variable "instance_types" {
  description = "What the nodes are, in order of preference; all x86-64, as the images are."
  type        = list(string)
  default     = ["t3.large"]

  validation {
    condition     = length(var.instance_types) > 0 && alltrue([for type in var.instance_types : can(regex("^(t3a?|[cmr][5-8][ai]?)\\.(medium|large|[0-9]*xlarge)$", type))])
    error_message = "instance_types must be x86-64 types of the families t3, c, m or r, such as t3.large."
  }
}

variable "nodes" {
  description = "How many nodes: at least, at the start, at most."
  type        = object({ min = number, desired = number, max = number })
  default     = { min = 2, desired = 2, max = 4 }

  validation {
    condition     = var.nodes.min >= 1 && var.nodes.min <= var.nodes.desired && var.nodes.desired <= var.nodes.max
    error_message = "nodes must hold 1 <= min <= desired <= max."
  }
}

variable "disk_gb" {
  description = "The size of a node's disk in GiB."
  type        = number
  default     = 40

  validation {
    condition     = var.disk_gb >= 20 && var.disk_gb <= 1000
    error_message = "disk_gb must be between 20 and 1000."
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

variable "ebs_csi_role_arn" {
  description = "The role of the driver that makes EBS volumes."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", var.ebs_csi_role_arn))
    error_message = "ebs_csi_role_arn must be the ARN of an IAM role."
  }
}

variable "lustre" {
  description = "Whether to install the driver that mounts FSx for Lustre."
  type        = bool
  default     = false
}

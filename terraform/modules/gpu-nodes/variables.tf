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

variable "tiers" {
  description = <<-EOT
    The model tiers by name. Each has nodes of its own: `on_demand` is the base that stays, `spot` comes on top at about
    half the price and can be taken away with two minutes' notice. `min` 0 lets a tier scale down to nothing.
  EOT
  type = map(object({
    model          = string
    instance_types = optional(list(string), ["g4dn.xlarge"])
    on_demand      = optional(object({ min = number, desired = number, max = number }), { min = 0, desired = 0, max = 0 })
    spot           = optional(object({ min = number, desired = number, max = number }), { min = 0, desired = 0, max = 0 })
  }))

  validation {
    condition     = length(var.tiers) > 0 && alltrue([for name in keys(var.tiers) : can(regex("^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$", name))])
    error_message = "tiers must have at least one entry, and its name must be one that the chart takes: 1 to 30 lower-case letters, digits and hyphens, a letter first."
  }

  validation {
    condition     = alltrue([for tier in values(var.tiers) : can(regex("^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$", tier.model))])
    error_message = "Every tier's model must be a hub's id: organisation/name."
  }

  validation {
    condition = alltrue(flatten([
      for tier in values(var.tiers) : concat([length(tier.instance_types) > 0], [
        for type in tier.instance_types : can(regex("^(g4dn|g5|g6|g6e|gr6|p3|p4d|p4de|p5|p5e|p5en)\\.([0-9]*xlarge)$", type))
      ])
    ]))
    error_message = "Every tier's instance_types must be types with NVIDIA GPUs and x86-64, such as g4dn.xlarge."
  }

  validation {
    condition = alltrue(flatten([
      for tier in values(var.tiers) : [
        for nodes in [tier.on_demand, tier.spot] : nodes.min >= 0 && nodes.min <= nodes.desired && nodes.desired <= nodes.max
      ]
    ]))
    error_message = "on_demand and spot must each hold 0 <= min <= desired <= max."
  }

  validation {
    condition     = alltrue([for tier in values(var.tiers) : tier.on_demand.max + tier.spot.max > 0])
    error_message = "A tier needs room for at least one node: on_demand.max or spot.max above 0."
  }
}

variable "disk_gb" {
  description = "The size of a node's disk in GiB. vLLM's image alone takes about 20 unpacked."
  type        = number
  default     = 100

  validation {
    condition     = var.disk_gb >= 60 && var.disk_gb <= 1000
    error_message = "disk_gb must be between 60 and 1000."
  }
}

variable "karpenter" {
  description = "Whether to prepare Karpenter: its role, its queue of interruptions, and a NodePool a tier. The managed groups then stay at their minimum."
  type        = bool
  default     = false
}

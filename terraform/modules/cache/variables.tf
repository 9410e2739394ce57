variable "name" {
  description = "Prefix of every name here."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "name must be 3 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "subnet_ids" {
  description = "Subnets without a way out, one a zone."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0 && alltrue([for id in var.subnet_ids : startswith(id, "subnet-")])
    error_message = "subnet_ids must be ids of subnets, subnet-..."
  }
}

variable "security_group_id" {
  description = "The security group that lets the nodes in."
  type        = string

  validation {
    condition     = startswith(var.security_group_id, "sg-")
    error_message = "security_group_id must be the id of a security group, sg-..."
  }
}

variable "key_arn" {
  description = "The key that encrypts the cache's disk and its credential."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key."
  }
}

variable "engine_version" {
  description = "The version of Valkey, which speaks Redis's protocol and costs a fifth less."
  type        = string
  default     = "8.0"

  validation {
    condition     = can(regex("^(7\\.2|8\\.[0-9]+)$", var.engine_version))
    error_message = "engine_version must be 7.2 or 8.x."
  }
}

variable "node_type" {
  description = "What each node is."
  type        = string
  default     = "cache.t4g.small"

  validation {
    condition     = can(regex("^cache\\.(t4g\\.(micro|small|medium)|[mr][67]g\\.([0-9]*x?large))$", var.node_type))
    error_message = "node_type must be an ElastiCache type of the families t4g, m6g, m7g, r6g or r7g, such as cache.t4g.small."
  }
}

variable "nodes" {
  description = "How many nodes: one primary, the others replicas in other zones that take over from it."
  type        = number
  default     = 2

  validation {
    condition     = var.nodes >= 1 && var.nodes <= 6
    error_message = "nodes must be between 1 and 6."
  }
}

variable "snapshot_days" {
  description = "For how many days a daily snapshot is kept; 0: none. What is in there can be lost: budgets are counted again from the ledger."
  type        = number
  default     = 0

  validation {
    condition     = var.snapshot_days >= 0 && var.snapshot_days <= 35
    error_message = "snapshot_days must be between 0 and 35."
  }
}

variable "token_generation" {
  description = "Add one to get a new password. The old one is accepted until the next change but one."
  type        = number
  default     = 1

  validation {
    condition     = var.token_generation >= 1 && floor(var.token_generation) == var.token_generation
    error_message = "token_generation must be a whole number from 1 on."
  }
}

variable "secret_recovery_days" {
  description = "For how many days a deleted credential can be brought back; 0: gone at once, and its name free again."
  type        = number
  default     = 30

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "secret_recovery_days must be 0, or between 7 and 30."
  }
}

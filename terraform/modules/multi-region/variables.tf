variable "name" {
  description = "Prefix of every name here: the second region's platform."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "name must be 3 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "primary_bucket" {
  description = "The bucket that models are put into."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.primary_bucket))
    error_message = "primary_bucket must be the name of a bucket."
  }
}

variable "primary_key_arn" {
  description = "The key of the first bucket."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.primary_key_arn))
    error_message = "primary_key_arn must be the ARN of a KMS key."
  }
}

variable "secondary_bucket" {
  description = "The bucket that they are copied to."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.secondary_bucket))
    error_message = "secondary_bucket must be the name of a bucket."
  }
}

variable "secondary_key_arn" {
  description = "The key of the second bucket."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.secondary_key_arn))
    error_message = "secondary_key_arn must be the ARN of a KMS key."
  }
}

variable "secondary_region" {
  description = "The region of the second bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.secondary_region))
    error_message = "secondary_region must be a region's code, such as us-west-2."
  }
}

variable "zone_id" {
  description = "The public Route 53 zone of `hostname`."
  type        = string

  validation {
    condition     = can(regex("^Z[A-Z0-9]+$", var.zone_id))
    error_message = "zone_id must be the id of a hosted zone, Z..."
  }
}

variable "hostname" {
  description = "The one name that clients use for both regions."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.hostname))
    error_message = "hostname must be a fully qualified name without a dot at its end."
  }
}

variable "policy" {
  description = "`latency`: clients reach the nearer region; `failover`: `primary` while it is healthy."
  type        = string
  default     = "latency"

  validation {
    condition     = contains(["latency", "failover"], var.policy)
    error_message = "policy must be latency or failover."
  }
}

variable "gateways" {
  description = "The load balancer of each region, by `primary` and `secondary`; empty: no records yet."
  type        = map(object({ dns_name = string, zone_id = string, region = string }))
  default     = {}

  validation {
    condition     = length(var.gateways) == 0 || join(",", sort(keys(var.gateways))) == "primary,secondary"
    error_message = "gateways must be empty, or primary and secondary."
  }
}

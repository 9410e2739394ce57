variable "region" {
  description = "The AWS region."
  type        = string
  default     = "us-west-2"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be a region's code, such as us-east-1."
  }
}

variable "cost_center" {
  description = "Who pays: the value of the tag CostCenter."
  type        = string
  default     = "inference"

  validation {
    condition     = length(var.cost_center) > 0 && length(var.cost_center) <= 256
    error_message = "cost_center must be 1 to 256 characters."
  }
}

variable "admin_principal_arns" {
  description = "IAM roles or users that administer the cluster."
  type        = set(string)

  validation {
    condition     = length(var.admin_principal_arns) > 0
    error_message = "admin_principal_arns must name at least one role or user."
  }
}

variable "alert_emails" {
  description = "Who is told when money is spent faster than planned."
  type        = set(string)

  validation {
    condition     = length(var.alert_emails) > 0
    error_message = "alert_emails must hold at least one address."
  }
}

variable "primary_region" {
  description = "The region of prod."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.primary_region)) && var.primary_region != var.region
    error_message = "primary_region must be a region's code, and another one than region."
  }
}

variable "primary_model_bucket" {
  description = "The models' bucket of prod: output `platform.model_bucket`."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.primary_model_bucket))
    error_message = "primary_model_bucket must be the name of a bucket."
  }
}

variable "primary_data_key_arn" {
  description = "The key of that bucket: prod's output `platform.data_key_arn`."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.primary_data_key_arn))
    error_message = "primary_data_key_arn must be the ARN of a KMS key."
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

variable "dns_policy" {
  description = "`latency`: clients reach the nearer region; `failover`: the first one while it is healthy."
  type        = string
  default     = "latency"

  validation {
    condition     = contains(["latency", "failover"], var.dns_policy)
    error_message = "dns_policy must be latency or failover."
  }
}

variable "gateways" {
  description = "The two gateways' load balancers, known once the chart runs in both regions; null until then: no records."
  type = object({
    primary   = object({ dns_name = string, zone_id = string })
    secondary = object({ dns_name = string, zone_id = string })
  })
  default = null

  validation {
    condition     = var.gateways == null || try(alltrue([for gateway in values(var.gateways) : endswith(gateway.dns_name, ".amazonaws.com")]), false)
    error_message = "gateways must give each load balancer's dns_name, which ends in .amazonaws.com, and zone_id."
  }
}

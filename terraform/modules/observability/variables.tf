variable "name" {
  description = "Prefix of every name here."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "name must be 3 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "log_kms_key_arn" {
  description = "The key that encrypts log groups and alarms."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.log_kms_key_arn))
    error_message = "log_kms_key_arn must be the ARN of a KMS key."
  }
}

variable "retention_days" {
  description = "For how many days logs are kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 731, 1096], var.retention_days)
    error_message = "retention_days must be a retention that CloudWatch Logs knows, such as 30, 90 or 365."
  }
}

variable "log_groups" {
  description = "Whose logs have a group of their own, below `/tiergate/NAME/`."
  type        = set(string)
  default     = ["router", "gateway", "tiers"]

  validation {
    condition     = alltrue([for group in var.log_groups : can(regex("^[a-z][a-z0-9-]*$", group))])
    error_message = "log_groups must be lower-case words."
  }
}

variable "prometheus" {
  description = "Whether to make a workspace of Amazon Managed Service for Prometheus."
  type        = bool
  default     = true
}

variable "grafana" {
  description = "Whether to make a workspace of Amazon Managed Grafana. It needs IAM Identity Center in the account."
  type        = bool
  default     = false

  validation {
    condition     = !var.grafana || var.prometheus
    error_message = "grafana without prometheus would have nothing to show."
  }
}

variable "alert_emails" {
  description = "Who is told when money is spent faster than planned."
  type        = set(string)

  validation {
    condition     = length(var.alert_emails) > 0 && alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alert_emails must hold at least one address."
  }
}

variable "monthly_budget_usd" {
  description = "What a month may cost, in US dollars. Told at 50, 80 and 100 % of it, and when the forecast is above it."
  type        = number

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd must be above 0."
  }
}

variable "cost_tag" {
  description = "The value of the tag `Environment` whose costs are counted. The tag must be activated for cost allocation."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.cost_tag))
    error_message = "cost_tag must be the name of an environment."
  }
}

variable "anomaly_threshold_usd" {
  description = "From which unexpected daily cost on an anomaly is told; null: no monitor. An account has room for one monitor of all services."
  type        = number
  default     = null

  validation {
    condition     = var.anomaly_threshold_usd == null || try(var.anomaly_threshold_usd > 0, false)
    error_message = "anomaly_threshold_usd must be above 0."
  }
}

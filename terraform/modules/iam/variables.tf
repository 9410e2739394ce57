variable "cluster_name" {
  description = "The cluster whose workloads get roles; prefix of every name here."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.cluster_name))
    error_message = "cluster_name must be 3 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "cluster_arn" {
  description = "The cluster's ARN. Pods of no other cluster may take these roles."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:eks:", var.cluster_arn))
    error_message = "cluster_arn must be the ARN of an EKS cluster."
  }
}

variable "namespace" {
  description = "The Kubernetes namespace of the chart."
  type        = string
  default     = "tiergate"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace must be a DNS label."
  }
}

variable "tier_models" {
  description = "The model of each tier: the tier may read that one."
  type        = map(string)

  validation {
    condition     = alltrue([for model in values(var.tier_models) : can(regex("^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$", model))])
    error_message = "tier_models must be hub ids: organisation/name."
  }
}

variable "model_bucket_arn" {
  description = "The ARN of the models' bucket; a model lies below `models/ORGANISATION/NAME/`."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:s3:::", var.model_bucket_arn))
    error_message = "model_bucket_arn must be the ARN of a bucket."
  }
}

variable "data_key_arn" {
  description = "The key of models, volumes and the cache's credential."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.data_key_arn))
    error_message = "data_key_arn must be the ARN of a KMS key."
  }
}

variable "secret_arns" {
  description = "The secrets that External Secrets may copy into the cluster."
  type        = list(string)

  validation {
    condition     = alltrue([for arn in var.secret_arns : can(regex("^arn:[a-z-]+:secretsmanager:", arn))])
    error_message = "secret_arns must be ARNs of secrets."
  }
}

variable "log_group_arns" {
  description = "The log groups that the log agent may write to."
  type        = list(string)

  validation {
    condition     = length(var.log_group_arns) > 0 && alltrue([for arn in var.log_group_arns : can(regex("^arn:[a-z-]+:logs:", arn))])
    error_message = "log_group_arns must be ARNs of log groups, at least one."
  }
}

variable "prometheus_arn" {
  description = "The Prometheus workspace that metrics are written to; null: none, and no role for it."
  type        = string
  default     = null

  validation {
    condition     = var.prometheus_arn == null || can(regex("^arn:[a-z-]+:aps:", var.prometheus_arn))
    error_message = "prometheus_arn must be the ARN of a workspace."
  }
}

variable "metrics" {
  description = "Whether there is a Prometheus workspace. Said apart from its ARN, which no plan knows before the first apply."
  type        = bool
  default     = true
}

variable "autoscaler" {
  description = "Who adds nodes: `cluster-autoscaler` scales the node groups, `karpenter` starts instances itself."
  type        = string
  default     = "cluster-autoscaler"

  validation {
    condition     = contains(["cluster-autoscaler", "karpenter"], var.autoscaler)
    error_message = "autoscaler must be cluster-autoscaler or karpenter."
  }
}

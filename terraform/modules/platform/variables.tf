variable "environment" {
  description = "The environment's name; with `project` it prefixes every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,14}$", var.environment))
    error_message = "environment must be 2 to 15 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "project" {
  description = "The first part of every name."
  type        = string
  default     = "tiergate"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,14}$", var.project))
    error_message = "project must be 2 to 15 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "network" {
  description = "What `network` takes: the block, zones, NAT, interface endpoints."
  type = object({
    cidr                = string
    zones               = optional(number, 3)
    nat                 = optional(string, "per_zone")
    interface_endpoints = optional(set(string), ["ecr.api", "ecr.dkr", "sts", "logs", "eks-auth"])
  })
}

variable "cluster" {
  description = "What `cluster` takes: the version, administrators, from where the API is reached; the AMI's release for all nodes."
  type = object({
    version              = optional(string, "1.35")
    admin_principal_arns = set(string)
    public_access_cidrs  = optional(set(string), [])
    ami_release          = optional(string)
    addon_versions       = optional(map(string), {})
  })
}

variable "system_nodes" {
  description = "What `system-nodes` takes: types and numbers of the nodes without GPUs."
  type = object({
    instance_types = optional(list(string), ["t3.large"])
    nodes          = optional(object({ min = number, desired = number, max = number }), { min = 2, desired = 2, max = 4 })
  })
  default = {}
}

variable "tiers" {
  description = "The model tiers in order of cost, the cheapest first; else as `gpu-nodes` takes them."
  type = list(object({
    name           = string
    model          = string
    instance_types = optional(list(string), ["g4dn.xlarge"])
    on_demand      = optional(object({ min = number, desired = number, max = number }), { min = 0, desired = 0, max = 0 })
    spot           = optional(object({ min = number, desired = number, max = number }), { min = 0, desired = 0, max = 0 })
  }))

  validation {
    condition     = length(distinct(var.tiers[*].name)) == length(var.tiers)
    error_message = "Two tiers have the same name."
  }
}

variable "autoscaler" {
  description = "Who adds nodes: `cluster-autoscaler` or `karpenter`."
  type        = string
  default     = "cluster-autoscaler"

  validation {
    condition     = contains(["cluster-autoscaler", "karpenter"], var.autoscaler)
    error_message = "autoscaler must be cluster-autoscaler or karpenter."
  }
}

variable "models" {
  description = <<-EOT
    Where pods get their weights from: `hub` (each pod downloads them), `ebs` (each replica downloads them once into a
    volume of its own) or `lustre` (`lustre`, as `storage` takes it). docs/aws.md compares times and costs.
  EOT
  type = object({
    source = optional(string, "hub")
    lustre = optional(object({ deployment_type = optional(string), capacity_gb = optional(number), throughput = optional(number) }), {})
  })
  default = {}

  validation {
    condition     = contains(["hub", "ebs", "lustre"], var.models.source)
    error_message = "models.source must be hub, ebs or lustre."
  }
}

variable "cache" {
  description = "What `cache` takes: type and number of nodes, days of snapshots."
  type = object({
    node_type     = optional(string, "cache.t4g.small")
    nodes         = optional(number, 2)
    snapshot_days = optional(number, 0)
  })
  default = {}
}

variable "observability" {
  description = "What `observability` takes: who is told, the month's budget, retention, and which managed services."
  type = object({
    alert_emails          = set(string)
    monthly_budget_usd    = number
    retention_days        = optional(number, 90)
    prometheus            = optional(bool, true)
    grafana               = optional(bool, false)
    anomaly_threshold_usd = optional(number)
  })
}

variable "protected" {
  description = "Whether what holds data resists deletion: buckets and repositories must be empty first, keys and secrets wait 30 days."
  type        = bool
  default     = true
}

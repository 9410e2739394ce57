# Three zones with a way out each, an on-demand base, replicas in every zone, and nothing that one command can delete.

module "platform" {
  source = "../../modules/platform"

  environment = "prod"
  protected   = true

  network = {
    cidr = "10.42.0.0/16"
    nat  = "per_zone"
  }

  cluster = {
    admin_principal_arns = var.admin_principal_arns
  }

  system_nodes = {
    instance_types = ["m6i.large", "m5.large"]
    nodes          = { min = 3, desired = 3, max = 6 }
  }

  # The on-demand base carries the load without any spot; spot takes the peaks.
  tiers = [
    {
      name      = "fast"
      model     = "Qwen/Qwen2.5-1.5B-Instruct"
      on_demand = { min = 2, desired = 2, max = 4 }
      spot      = { min = 0, desired = 0, max = 8 }
    },
    {
      name      = "reasoning"
      model     = "meta-llama/Llama-3.2-3B-Instruct"
      on_demand = { min = 2, desired = 2, max = 4 }
      spot      = { min = 0, desired = 0, max = 8 }
    },
  ]

  models = { source = "lustre", lustre = { deployment_type = "PERSISTENT_2" } }
  cache  = { node_type = "cache.m7g.large", nodes = 3, snapshot_days = 7 }

  observability = {
    alert_emails          = var.alert_emails
    monthly_budget_usd    = 3500
    retention_days        = 365
    grafana               = true
    anomaly_threshold_usd = 100
  }
}

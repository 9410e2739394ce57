# Prod once more, in a second region, from the same models and under the same name in DNS.
# Cost anomalies and Grafana are the account's, and stand in prod.

module "platform" {
  source = "../../modules/platform"

  environment = "prod-west"
  protected   = true

  network = {
    cidr = "10.43.0.0/16"
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
    grafana               = false
    anomaly_threshold_usd = null
  }
}

module "multi_region" {
  source    = "../../modules/multi-region"
  providers = { aws = aws.primary }

  name              = module.platform.name
  primary_bucket    = var.primary_model_bucket
  primary_key_arn   = var.primary_data_key_arn
  secondary_region  = var.region
  secondary_bucket  = module.platform.model_bucket
  secondary_key_arn = module.platform.data_key_arn
  zone_id           = var.zone_id
  hostname          = var.hostname
  policy            = var.dns_policy
  gateways = var.gateways == null ? {} : {
    primary   = merge(var.gateways.primary, { region = var.primary_region })
    secondary = merge(var.gateways.secondary, { region = var.region })
  }
}

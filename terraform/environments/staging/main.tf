# Prod in small: the same shape, so that what breaks breaks here, with spot above one on-demand node a tier.

module "platform" {
  source = "../../modules/platform"

  environment = "staging"
  protected   = false

  network = {
    cidr = "10.41.0.0/16"
    nat  = "single"
  }

  cluster = {
    admin_principal_arns = var.admin_principal_arns
  }

  tiers = [
    {
      name      = "fast"
      model     = "Qwen/Qwen2.5-1.5B-Instruct"
      on_demand = { min = 1, desired = 1, max = 1 }
      spot      = { min = 0, desired = 0, max = 3 }
    },
    {
      name      = "reasoning"
      model     = "meta-llama/Llama-3.2-3B-Instruct"
      on_demand = { min = 1, desired = 1, max = 1 }
      spot      = { min = 0, desired = 0, max = 3 }
    },
  ]

  models = { source = "lustre" }

  observability = {
    alert_emails       = var.alert_emails
    monthly_budget_usd = 1700
    retention_days     = 30
  }
}

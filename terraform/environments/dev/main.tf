# The small setup: two g4dn.xlarge, both spot, one NAT gateway, no interface endpoints, nothing doubled.
# What is lost here is made again by one apply.

module "platform" {
  source = "../../modules/platform"

  environment = "dev"
  protected   = false

  network = {
    cidr                = "10.40.0.0/16"
    nat                 = "single"
    interface_endpoints = [] # NAT's price by the gigabyte is below theirs by the hour for so little traffic
  }

  cluster = {
    admin_principal_arns = var.admin_principal_arns
    public_access_cidrs  = var.api_cidrs
  }

  tiers = [
    {
      name  = "fast"
      model = "Qwen/Qwen2.5-1.5B-Instruct"
      spot  = { min = 0, desired = 1, max = 2 }
    },
    {
      name  = "reasoning"
      model = "meta-llama/Llama-3.2-3B-Instruct"
      spot  = { min = 0, desired = 1, max = 2 }
    },
  ]

  models = { source = var.model_source }
  cache  = { node_type = "cache.t4g.micro", nodes = 1 }

  observability = {
    alert_emails       = var.alert_emails
    monthly_budget_usd = 800
    retention_days     = 14
  }
}

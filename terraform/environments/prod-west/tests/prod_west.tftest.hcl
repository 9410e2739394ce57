mock_provider "aws" {
  source = "../../testing"
}

mock_provider "aws" {
  alias  = "primary"
  source = "../../testing"
}

variables {
  admin_principal_arns = ["arn:aws:iam::123456789012:role/platform"]
  alert_emails         = ["money@example.com"]
  primary_model_bucket = "tiergate-prod-models-123456789012"
  primary_data_key_arn = "arn:aws:kms:us-east-1:123456789012:key/data"
  zone_id              = "Z0123456789"
  hostname             = "llm.example.com"
}

run "survives_a_zone" {
  assert {
    condition     = length(output.platform.nat_addresses) == 3
    error_message = "A way out in each zone."
  }

  assert {
    condition     = output.platform.node_groups == tolist(["fast-on-demand", "fast-spot", "reasoning-on-demand", "reasoning-spot"])
    error_message = "An on-demand base with spot above it."
  }

  assert {
    condition     = yamldecode(output.helm_values).tiers[*].replicas == [2, 2]
    error_message = "Two pods a tier before any load."
  }

  assert {
    condition     = yamldecode(output.helm_values).tiers[0].storage.type == "fsx"
    error_message = "A new pod must not wait for the hub."
  }
}

run "refuses" {
  command = plan

  variables {
    region               = "us-east-1"
    cost_center          = ""
    admin_principal_arns = []
    alert_emails         = []
    primary_model_bucket = "A"
    primary_data_key_arn = "key"
    zone_id              = "zone"
    hostname             = "localhost"
    dns_policy           = "weighted"
    gateways             = { primary = { dns_name = "a", zone_id = "Z" }, secondary = { dns_name = "b", zone_id = "Z" } }
  }

  expect_failures = [
    var.primary_region, var.cost_center, var.admin_principal_arns, var.alert_emails, var.primary_model_bucket,
    var.primary_data_key_arn, var.zone_id, var.hostname, var.dns_policy, var.gateways,
  ]
}

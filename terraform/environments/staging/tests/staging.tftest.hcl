mock_provider "aws" {
  source = "../../testing"
}

variables {
  admin_principal_arns = ["arn:aws:iam::123456789012:role/platform"]
  alert_emails         = ["money@example.com"]
}

run "prod_in_small" {
  assert {
    condition     = output.platform.node_groups == tolist(["fast-on-demand", "fast-spot", "reasoning-on-demand", "reasoning-spot"])
    error_message = "An on-demand base with spot above it, as in prod."
  }

  assert {
    condition     = length(output.platform.nat_addresses) == 1
    error_message = "One NAT gateway in staging."
  }

  assert {
    condition     = yamldecode(output.helm_values).tiers[0].storage.type == "fsx"
    error_message = "Weights come the same way as in prod."
  }
}

run "refuses" {
  command = plan

  variables {
    region               = "us-east"
    cost_center          = ""
    admin_principal_arns = []
    alert_emails         = []
  }

  expect_failures = [var.region, var.cost_center, var.admin_principal_arns, var.alert_emails]
}

mock_provider "aws" {
  source = "../../testing"
}

variables {
  admin_principal_arns = ["arn:aws:iam::123456789012:role/platform"]
  alert_emails         = ["money@example.com"]
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
    region               = "us-east"
    cost_center          = ""
    admin_principal_arns = []
    alert_emails         = []
  }

  expect_failures = [var.region, var.cost_center, var.admin_principal_arns, var.alert_emails]
}

mock_provider "aws" {
  source = "../../testing"
}

variables {
  admin_principal_arns = ["arn:aws:iam::123456789012:role/platform"]
  alert_emails         = ["money@example.com"]
}

run "small_and_replaceable" {
  assert {
    condition     = output.platform.node_groups == tolist(["fast-spot", "reasoning-spot"])
    error_message = "All GPUs of dev are spot."
  }

  assert {
    condition     = length(output.platform.nat_addresses) == 1
    error_message = "One NAT gateway in dev."
  }

  assert {
    condition     = yamldecode(output.helm_values).tiers[*].model == ["Qwen/Qwen2.5-1.5B-Instruct", "meta-llama/Llama-3.2-3B-Instruct"]
    error_message = "The two models of the first plan."
  }

  assert {
    condition     = output.platform.grafana_endpoint == null
    error_message = "No Managed Grafana in dev."
  }
}

run "refuses" {
  command = plan

  variables {
    region               = "us-east"
    cost_center          = ""
    admin_principal_arns = []
    alert_emails         = []
    api_cidrs            = ["0.0.0.0/0"]
    model_source         = "tape"
  }

  expect_failures = [var.region, var.cost_center, var.admin_principal_arns, var.alert_emails, var.api_cidrs, var.model_source]
}

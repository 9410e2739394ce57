mock_provider "aws" {
  source = "../../testing"
}

variables {
  name               = "tiergate-test"
  log_kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/logs"
  alert_emails       = ["money@example.com"]
  monthly_budget_usd = 800
  cost_tag           = "test"
}

run "logs_end_and_money_is_watched" {
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.retention_in_days == 90 && group.kms_key_id == var.log_kms_key_arn])
    error_message = "Every log group must have an end and a key."
  }

  assert {
    condition     = aws_budgets_budget.month.limit_amount == "800" && length(aws_budgets_budget.month.notification) == 4
    error_message = "Told at 50, 80 and 100 %, and by the forecast."
  }

  assert {
    condition     = one(aws_budgets_budget.month.cost_filter).values == tolist(["user:Environment$test"])
    error_message = "The budget counts this environment's costs, by its tag."
  }

  assert {
    condition     = length(aws_grafana_workspace.this) == 0 && length(aws_ce_anomaly_monitor.services) == 0
    error_message = "What the account has one of must be asked for."
  }
}

run "everything_managed" {
  variables {
    grafana               = true
    anomaly_threshold_usd = 50
  }

  assert {
    condition     = aws_grafana_workspace.this["grafana"].permission_type == "CUSTOMER_MANAGED" && aws_grafana_workspace.this["grafana"].authentication_providers == tolist(["AWS_SSO"])
    error_message = "People sign in through Identity Center, and Grafana's role is ours."
  }

  assert {
    condition     = aws_ce_anomaly_subscription.services[0].monitor_arn_list == tolist([aws_ce_anomaly_monitor.services[0].arn]) && one(aws_ce_anomaly_subscription.services[0].subscriber).address == output.money_topic_arn
    error_message = "Anomalies must reach the same people as budgets."
  }
}

run "refuses" {
  command = plan

  variables {
    name                  = "X"
    log_kms_key_arn       = "key"
    retention_days        = 31
    log_groups            = ["Router"]
    prometheus            = false
    grafana               = true
    alert_emails          = ["nobody"]
    monthly_budget_usd    = 0
    cost_tag              = "T"
    anomaly_threshold_usd = -1
  }

  expect_failures = [
    var.name, var.log_kms_key_arn, var.retention_days, var.log_groups, var.grafana, var.alert_emails,
    var.monthly_budget_usd, var.cost_tag, var.anomaly_threshold_usd,
  ]
}

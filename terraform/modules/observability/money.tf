# Who is told, and when, that the month will cost more than was planned.

resource "aws_sns_topic" "money" {
  name              = "${var.name}-money"
  kms_master_key_id = var.log_kms_key_arn
}

data "aws_iam_policy_document" "money" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.money.arn]

    principals {
      type        = "Service"
      identifiers = ["budgets.amazonaws.com", "costalerts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "money" {
  arn    = aws_sns_topic.money.arn
  policy = data.aws_iam_policy_document.money.json
}

resource "aws_sns_topic_subscription" "money" {
  for_each  = var.alert_emails
  topic_arn = aws_sns_topic.money.arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_budgets_budget" "month" {
  name         = var.name
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:Environment$%s", var.cost_tag)]
  }

  dynamic "notification" {
    for_each = [
      { type = "ACTUAL", percent = 50 },
      { type = "ACTUAL", percent = 80 },
      { type = "ACTUAL", percent = 100 },
      { type = "FORECASTED", percent = 100 },
    ]

    content {
      comparison_operator       = "GREATER_THAN"
      notification_type         = notification.value.type
      threshold                 = notification.value.percent
      threshold_type            = "PERCENTAGE"
      subscriber_sns_topic_arns = [aws_sns_topic.money.arn]
    }
  }

  depends_on = [aws_sns_topic_policy.money]
}

resource "aws_ce_anomaly_monitor" "services" {
  count             = var.anomaly_threshold_usd == null ? 0 : 1
  name              = var.name
  monitor_type      = "DIMENSIONAL"
  monitor_dimension = "SERVICE"
}

resource "aws_ce_anomaly_subscription" "services" {
  count            = length(aws_ce_anomaly_monitor.services)
  name             = var.name
  frequency        = "IMMEDIATE"
  monitor_arn_list = [aws_ce_anomaly_monitor.services[0].arn]

  subscriber {
    type    = "SNS"
    address = aws_sns_topic.money.arn
  }

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = [tostring(var.anomaly_threshold_usd)]
    }
  }

  depends_on = [aws_sns_topic_policy.money]
}

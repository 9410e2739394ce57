# Managed Grafana: signs people in through IAM Identity Center and reads the one Prometheus workspace.

data "aws_caller_identity" "current" {}

locals {
  grafana = toset(var.grafana ? ["grafana"] : [])
}

data "aws_iam_policy_document" "grafana_trust" {
  for_each = local.grafana

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["grafana.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "grafana" {
  for_each = local.grafana

  statement {
    sid       = "ReadMetrics"
    actions   = ["aps:QueryMetrics", "aps:GetLabels", "aps:GetSeries", "aps:GetMetricMetadata", "aps:DescribeWorkspace"]
    resources = [aws_prometheus_workspace.this[0].arn]
  }

  # Listing names no workspace.
  statement {
    sid       = "FindWorkspaces"
    actions   = ["aps:ListWorkspaces"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "grafana" {
  for_each           = local.grafana
  name               = "${var.name}-grafana"
  description        = "Grafana reads metrics"
  assume_role_policy = data.aws_iam_policy_document.grafana_trust[each.key].json
}

resource "aws_iam_role_policy" "grafana" {
  for_each = local.grafana
  name     = "read-metrics"
  role     = aws_iam_role.grafana[each.key].id
  policy   = data.aws_iam_policy_document.grafana[each.key].json
}

resource "aws_grafana_workspace" "this" {
  for_each                 = local.grafana
  name                     = var.name
  account_access_type      = "CURRENT_ACCOUNT"
  authentication_providers = ["AWS_SSO"]
  permission_type          = "CUSTOMER_MANAGED"
  data_sources             = ["PROMETHEUS"]
  role_arn                 = aws_iam_role.grafana[each.key].arn
}

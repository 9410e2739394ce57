# What keeps the cluster itself: credentials in, logs and metrics out.

locals {
  controllers = {
    external-secrets = {
      namespace       = "external-secrets"
      service_account = "external-secrets"
      statements = [
        {
          Sid      = "ReadCredentials"
          Effect   = "Allow"
          Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
          Resource = var.secret_arns
        },
        {
          Sid       = "DecryptCredentials"
          Effect    = "Allow"
          Action    = ["kms:Decrypt"]
          Resource  = [var.data_key_arn]
          Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${local.region}.amazonaws.com" } }
        },
      ]
    }

    log-agent = {
      namespace       = "observability"
      service_account = "log-agent"
      statements = [{
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = [for arn in var.log_group_arns : "${arn}:*"]
      }]
    }
  }

  collectors = { for name in(var.metrics ? ["metrics-writer"] : []) : name => {
    namespace       = "observability"
    service_account = "prometheus"
    statements = [{
      Sid      = "WriteMetrics"
      Effect   = "Allow"
      Action   = ["aps:RemoteWrite"]
      Resource = [var.prometheus_arn]
    }]
  } }
}

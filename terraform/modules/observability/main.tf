# Where metrics and logs go.

resource "aws_cloudwatch_log_group" "this" {
  for_each          = var.log_groups
  name              = "/tiergate/${var.name}/${each.key}"
  retention_in_days = var.retention_days
  kms_key_id        = var.log_kms_key_arn
}

# FSx writes to groups below /aws/fsx/ alone.
resource "aws_cloudwatch_log_group" "lustre" {
  name              = "/aws/fsx/${var.name}"
  retention_in_days = var.retention_days
  kms_key_id        = var.log_kms_key_arn
}

resource "aws_prometheus_workspace" "this" {
  count = var.prometheus ? 1 : 0
  alias = var.name
}

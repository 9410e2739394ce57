output "log_group_names" {
  description = "The log groups, by whose logs they hold."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => group.name }
}

output "log_group_arns" {
  description = "The same groups' ARNs."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => group.arn }
}

output "lustre_log_group_arn" {
  description = "The log group that FSx writes to."
  value       = aws_cloudwatch_log_group.lustre.arn
}

output "prometheus" {
  description = "The workspace of metrics, its `arn` and `endpoint`; null without one."
  value = one([for workspace in aws_prometheus_workspace.this : {
    arn      = workspace.arn
    endpoint = workspace.prometheus_endpoint
  }])
}

output "grafana_endpoint" {
  description = "Where people look at dashboards; null without Managed Grafana."
  value       = one([for workspace in aws_grafana_workspace.this : "https://${workspace.endpoint}"])
}

output "money_topic_arn" {
  description = "The topic of budgets and cost anomalies."
  value       = aws_sns_topic.money.arn
}

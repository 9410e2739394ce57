output "node_role_arn" {
  description = "The nodes' role, with its policies attached."
  value       = aws_iam_role.node.arn
  depends_on  = [aws_iam_role_policy_attachment.node]
}

output "role_arns" {
  description = "The role of each workload and add-on, by name."
  value       = { for name, role in aws_iam_role.workload : name => role.arn }
  depends_on  = [aws_iam_role_policy_attachment.addon]
}

output "service_accounts" {
  description = "Which service account takes which role: `NAMESPACE/NAME` by workload."
  value       = { for name, it in local.accounts : name => "${it.namespace}/${it.service_account}" }
}

output "policies" {
  description = "The policy of each workload, as JSON."
  value       = { for name, policy in aws_iam_role_policy.workload : name => policy.policy }
}

output "replication_role_arn" {
  description = "The role that copies models."
  value       = aws_iam_role.replication.arn
}

output "records" {
  description = "The records of the shared name, by region."
  value       = { for key, record in aws_route53_record.gateway : key => record.fqdn }
}

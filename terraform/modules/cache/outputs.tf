output "url" {
  description = "Where the shared state is, without the password."
  value       = "rediss://${aws_elasticache_replication_group.this.primary_endpoint_address}:6379/0"
}

output "secret_arn" {
  description = "The secret with the password under `password`."
  value       = aws_secretsmanager_secret.token.arn
  depends_on  = [aws_secretsmanager_secret_version.token]
}

output "secret_name" {
  description = "The secret's name."
  value       = aws_secretsmanager_secret.token.name
}

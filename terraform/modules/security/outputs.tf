output "key_arns" {
  description = "The keys by purpose: cluster, data, logs."
  value       = { for purpose, key in aws_kms_key.this : purpose => key.arn }
}

output "cache_security_group_id" {
  description = "The security group of the cache."
  value       = aws_security_group.cache.id
}

output "lustre_security_group_id" {
  description = "The security group of the file system."
  value       = aws_security_group.lustre.id
}

output "repository_urls" {
  description = "Where to push each image, by name."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}

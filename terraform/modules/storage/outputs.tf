output "bucket" {
  description = "The name of the models' bucket."
  value       = aws_s3_bucket.models.id
}

output "bucket_arn" {
  description = "The ARN of the models' bucket."
  value       = aws_s3_bucket.models.arn
}

output "lustre" {
  description = "How to mount the file system: its `id`, `dns_name`, `mount_name` and `capacity_gb`; null without one."
  value = one([for file_system in aws_fsx_lustre_file_system.models : {
    id          = file_system.id
    dns_name    = file_system.dns_name
    mount_name  = file_system.mount_name
    capacity_gb = file_system.storage_capacity
  }])
  depends_on = [aws_fsx_data_repository_association.models]
}

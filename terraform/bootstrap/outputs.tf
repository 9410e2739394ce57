output "bucket" {
  description = "The STATE_BUCKET of every other command."
  value       = aws_s3_bucket.state.id
}

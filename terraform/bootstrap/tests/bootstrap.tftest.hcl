mock_provider "aws" {
  source = "../testing"
}

variables {
  bucket = "tiergate-state-123456789012"
}

run "states_are_secret_and_kept" {
  command = plan

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled" && aws_kms_key.state.enable_key_rotation
    error_message = "A state must be encrypted, and an older one must be there to go back to."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.state.restrict_public_buckets && aws_s3_bucket_public_access_block.state.block_public_policy
    error_message = "A state must not be public."
  }
}

run "refuses" {
  command = plan

  variables {
    region = "earth"
    bucket = "State"
  }

  expect_failures = [var.region, var.bucket]
}

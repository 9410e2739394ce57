mock_provider "aws" {
  source = "../../testing"
}

variables {
  name                     = "tiergate-test"
  key_arn                  = "arn:aws:kms:us-east-1:123456789012:key/data"
  lustre_subnet_id         = "subnet-0a"
  lustre_security_group_id = "sg-0a"
  log_group_arn            = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/fsx/tiergate-test"
}

run "a_bucket_that_stays_closed" {
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.models.block_public_acls, aws_s3_bucket_public_access_block.models.block_public_policy,
      aws_s3_bucket_public_access_block.models.ignore_public_acls, aws_s3_bucket_public_access_block.models.restrict_public_buckets,
    ])
    error_message = "The models must not be public in any way."
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.models.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == var.key_arn
    error_message = "Models must be encrypted by the key that was given."
  }

  assert {
    condition     = aws_s3_bucket_versioning.models.versioning_configuration[0].status == "Enabled" && !aws_s3_bucket.models.force_destroy
    error_message = "A model that is overwritten or deleted can be brought back."
  }

  assert {
    condition     = aws_s3_bucket.models.bucket == "tiergate-test-models-123456789012"
    error_message = "The bucket's name must be free in all of AWS: the account's number makes it so."
  }

  assert {
    condition     = aws_ebs_encryption_by_default.this.enabled && aws_ebs_default_kms_key.this.key_arn == var.key_arn
    error_message = "Volumes must be encrypted by default."
  }

  assert {
    condition     = output.lustre == null
    error_message = "No file system unless asked for: it is the dearest way to hold two small models."
  }
}

run "a_file_system_that_outlives_its_servers" {
  variables {
    lustre = { deployment_type = "PERSISTENT_2" }
  }

  assert {
    condition     = aws_fsx_lustre_file_system.models[0].per_unit_storage_throughput == 125 && aws_fsx_lustre_file_system.models[0].kms_key_id == var.key_arn
    error_message = "Encrypted by the key that was given, at the throughput that was asked for."
  }

  assert {
    condition     = aws_fsx_data_repository_association.models[0].data_repository_path == "s3://${aws_s3_bucket.models.id}/models"
    error_message = "The file system shows the bucket's models."
  }

  assert {
    condition     = length(aws_fsx_data_repository_association.models[0].s3[0].auto_export_policy) == 0
    error_message = "Nothing is written back: nodes cannot change the models."
  }

  assert {
    condition     = output.lustre.capacity_gb == 1200
    error_message = "The smallest capacity by default."
  }
}

run "refuses_what_fsx_would" {
  command = plan

  variables {
    lustre = { deployment_type = "SCRATCH_1", capacity_gb = 1000, throughput = 50 }
  }

  expect_failures = [var.lustre]
}

run "refuses" {
  command = plan

  variables {
    name                     = "9"
    key_arn                  = "key"
    old_version_days         = 0
    lustre_subnet_id         = "a"
    lustre_security_group_id = "b"
    log_group_arn            = "arn:aws:logs:us-east-1:123456789012:log-group:/tiergate/x"
  }

  expect_failures = [
    var.name, var.key_arn, var.old_version_days, var.lustre_subnet_id, var.lustre_security_group_id, var.log_group_arn,
  ]
}

# FSx for Lustre: the bucket's models as files that every node mounts; read from S3 once, on first touch.

locals {
  persistent = try(var.lustre.deployment_type == "PERSISTENT_2", false)
}

resource "aws_fsx_lustre_file_system" "models" {
  count                       = var.lustre == null ? 0 : 1
  deployment_type             = var.lustre.deployment_type
  storage_capacity            = var.lustre.capacity_gb
  per_unit_storage_throughput = local.persistent ? var.lustre.throughput : null
  storage_type                = "SSD"
  data_compression_type       = "NONE" # weights are as random as numbers get: compression finds nothing
  file_system_type_version    = "2.15"
  subnet_ids                  = [var.lustre_subnet_id]
  security_group_ids          = [var.lustre_security_group_id]
  kms_key_id                  = var.key_arn
  tags                        = { Name = "${var.name}-models" }

  # Nothing here but the bucket's content.
  automatic_backup_retention_days = local.persistent ? 0 : null

  log_configuration {
    destination = var.log_group_arn
    level       = "WARN_ERROR"
  }
}

resource "aws_fsx_data_repository_association" "models" {
  count                = length(aws_fsx_lustre_file_system.models)
  file_system_id       = aws_fsx_lustre_file_system.models[0].id
  file_system_path     = "/models"
  data_repository_path = "s3://${aws_s3_bucket.models.id}/models"

  batch_import_meta_data_on_create = true

  s3 {
    auto_import_policy {
      events = ["NEW", "CHANGED", "DELETED"]
    }
  }
}

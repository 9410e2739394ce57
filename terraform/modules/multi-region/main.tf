# The first region's models, copied as they arrive. Its bucket is versioned, and so is the second one.
# All that is made here is made in the first region, or in none: the module takes that region's provider.

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  primary_arn   = "arn:${data.aws_partition.current.partition}:s3:::${var.primary_bucket}"
  secondary_arn = "arn:${data.aws_partition.current.partition}:s3:::${var.secondary_bucket}"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.primary_arn]
    }
  }
}

data "aws_iam_policy_document" "replication" {
  statement {
    sid       = "ReadTheFirst"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [local.primary_arn]
  }

  statement {
    sid       = "ReadItsVersions"
    actions   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    resources = ["${local.primary_arn}/models/*"]
  }

  statement {
    sid       = "WriteTheSecond"
    actions   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    resources = ["${local.secondary_arn}/models/*"]
  }

  statement {
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
    resources = [var.primary_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${data.aws_region.current.name}.amazonaws.com"]
    }
  }

  statement {
    sid       = "EncryptAgain"
    actions   = ["kms:Encrypt", "kms:GenerateDataKey"]
    resources = [var.secondary_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.secondary_region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "replication" {
  name               = "${var.name}-replication"
  description        = "S3 copies models to ${var.secondary_bucket}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "replication" {
  name   = "copy-models"
  role   = aws_iam_role.replication.id
  policy = data.aws_iam_policy_document.replication.json
}

resource "aws_s3_bucket_replication_configuration" "models" {
  bucket = var.primary_bucket
  role   = aws_iam_role.replication.arn

  rule {
    id     = "models"
    status = "Enabled"

    filter {
      prefix = "models/"
    }

    # A model that is deleted in one region is deleted in the other.
    delete_marker_replication {
      status = "Enabled"
    }

    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }

    destination {
      bucket        = local.secondary_arn
      storage_class = "STANDARD"

      encryption_configuration {
        replica_kms_key_id = var.secondary_key_arn
      }
    }
  }

  depends_on = [aws_iam_role_policy.replication]
}

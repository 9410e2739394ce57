# Every EBS volume of this region is encrypted, whoever makes it, and whether or not they ask for it.

resource "aws_ebs_encryption_by_default" "this" {
  enabled = true
}

resource "aws_ebs_default_kms_key" "this" {
  key_arn = var.key_arn
}

# A tier reads its own weights, and nothing else: not another tier's, not the list of what there is.

locals {
  tiers = {
    for tier, model in var.tier_models : "tier-${tier}" => {
      namespace       = var.namespace
      service_account = "tiergate-${tier}"
      statements = [
        {
          Sid       = "FindOwnWeights"
          Effect    = "Allow"
          Action    = ["s3:ListBucket"]
          Resource  = [var.model_bucket_arn]
          Condition = { StringLike = { "s3:prefix" = ["models/${model}/*"] } }
        },
        {
          Sid      = "ReadOwnWeights"
          Effect   = "Allow"
          Action   = ["s3:GetObject"]
          Resource = ["${var.model_bucket_arn}/models/${model}/*"]
        },
        {
          Sid       = "DecryptWeights"
          Effect    = "Allow"
          Action    = ["kms:Decrypt"]
          Resource  = [var.data_key_arn]
          Condition = { StringEquals = { "kms:ViaService" = "s3.${local.region}.amazonaws.com" } }
        },
      ]
    }
  }
}

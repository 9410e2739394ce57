# A role a workload, taken by one service account of one cluster through Pod Identity.
#
# The router has none: it calls nothing at AWS, and a pod without a role gets no credentials at all,
# since the nodes' metadata service is one hop too far for it.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.name

  workloads = merge(local.tiers, local.controllers, local.collectors, local.autoscalers[var.autoscaler])

  # Their service accounts are associated by their add-ons.
  addons = {
    vpc-cni = { service_account = "aws-node", managed_policy = "AmazonEKS_CNI_Policy" }
    ebs-csi = { service_account = "ebs-csi-controller-sa", managed_policy = "service-role/AmazonEBSCSIDriverPolicy" }
  }

  accounts = merge(
    { for name, it in local.workloads : name => { namespace = it.namespace, service_account = it.service_account } },
    { for name, it in local.addons : name => { namespace = "kube-system", service_account = it.service_account } },
  )
}

data "aws_iam_policy_document" "trust" {
  for_each = local.accounts

  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/eks-cluster-name"
      values   = [var.cluster_name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/kubernetes-namespace"
      values   = [each.value.namespace]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/kubernetes-service-account"
      values   = [each.value.service_account]
    }
  }
}

resource "aws_iam_role" "workload" {
  for_each           = local.accounts
  name               = "${var.cluster_name}-${each.key}"
  description        = "Pods of ${each.value.namespace}/${each.value.service_account}"
  assume_role_policy = data.aws_iam_policy_document.trust[each.key].json
}

resource "aws_iam_role_policy" "workload" {
  for_each = local.workloads
  name     = "own"
  role     = aws_iam_role.workload[each.key].id
  policy   = jsonencode({ Version = "2012-10-17", Statement = each.value.statements })
}

resource "aws_eks_pod_identity_association" "workload" {
  for_each        = local.workloads
  cluster_name    = var.cluster_name
  namespace       = each.value.namespace
  service_account = each.value.service_account
  role_arn        = aws_iam_role.workload[each.key].arn
}

resource "aws_iam_role_policy_attachment" "addon" {
  for_each   = local.addons
  role       = aws_iam_role.workload[each.key].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value.managed_policy}"
}

# AWS's policy for the driver knows nothing of a key of one's own.
resource "aws_iam_role_policy" "ebs_key" {
  name = "volumes-key"
  role = aws_iam_role.workload["ebs-csi"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "EncryptVolumes"
        Effect   = "Allow"
        Action   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"]
        Resource = [var.data_key_arn]
      },
      {
        Sid       = "LetEc2Use"
        Effect    = "Allow"
        Action    = ["kms:CreateGrant"]
        Resource  = [var.data_key_arn]
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
    ]
  })
}

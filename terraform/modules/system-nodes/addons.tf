# The add-ons that are pods on these nodes; EKS calls them degraded until there is one.

resource "aws_eks_addon" "dns" {
  cluster_name  = var.cluster_name
  addon_name    = "coredns"
  addon_version = lookup(var.addon_versions, "coredns", null)
  depends_on    = [aws_eks_node_group.this]
}

resource "aws_eks_addon" "metrics" {
  cluster_name  = var.cluster_name
  addon_name    = "metrics-server"
  addon_version = lookup(var.addon_versions, "metrics-server", null)
  depends_on    = [aws_eks_node_group.this]
}

# The driver brings the storage class too: `ebs-csi-default-sc`, gp3, and the cluster's default.
# Its volumes are encrypted by the account's default, which `storage` sets.
resource "aws_eks_addon" "volumes" {
  cluster_name         = var.cluster_name
  addon_name           = "aws-ebs-csi-driver"
  addon_version        = lookup(var.addon_versions, "aws-ebs-csi-driver", null)
  configuration_values = jsonencode({ defaultStorageClass = { enabled = true } })

  pod_identity_association {
    role_arn        = var.ebs_csi_role_arn
    service_account = "ebs-csi-controller-sa"
  }

  depends_on = [aws_eks_node_group.this]
}

# It mounts file systems that Terraform made, so that it needs no right at AWS.
resource "aws_eks_addon" "lustre" {
  count         = var.lustre ? 1 : 0
  cluster_name  = var.cluster_name
  addon_name    = "aws-fsx-csi-driver"
  addon_version = lookup(var.addon_versions, "aws-fsx-csi-driver", null)
  depends_on    = [aws_eks_node_group.this]
}

# What a node needs before it is ready. The add-ons that need a node themselves are in `system-nodes`.

resource "aws_eks_addon" "pod_identity" {
  cluster_name  = aws_eks_cluster.this.name
  addon_name    = "eks-pod-identity-agent"
  addon_version = lookup(var.addon_versions, "eks-pod-identity-agent", null)
}

resource "aws_eks_addon" "proxy" {
  cluster_name  = aws_eks_cluster.this.name
  addon_name    = "kube-proxy"
  addon_version = lookup(var.addon_versions, "kube-proxy", null)
}

resource "aws_eks_addon" "network" {
  cluster_name  = aws_eks_cluster.this.name
  addon_name    = "vpc-cni"
  addon_version = lookup(var.addon_versions, "vpc-cni", null)

  # Prefixes: sixteen addresses an attachment, so that pods, not interfaces, fill a node.
  # The chart's NetworkPolicies are enforced by the same add-on.
  configuration_values = jsonencode({
    enableNetworkPolicy = "true"
    env                 = { ENABLE_PREFIX_DELEGATION = "true" }
  })

  pod_identity_association {
    role_arn        = var.cni_role_arn
    service_account = "aws-node"
  }

  depends_on = [aws_eks_addon.pod_identity]
}

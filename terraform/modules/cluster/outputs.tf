output "name" {
  description = "The cluster's name; known once a node can become ready in it."
  value       = aws_eks_cluster.this.name
  depends_on  = [aws_eks_addon.network, aws_eks_addon.proxy]
}

output "endpoint" {
  description = "The API's address."
  value       = aws_eks_cluster.this.endpoint
}

output "kubernetes_version" {
  description = "The control plane's Kubernetes."
  value       = aws_eks_cluster.this.version
}

output "arn" {
  description = "The cluster's ARN."
  value       = aws_eks_cluster.this.arn
}

output "node_security_group_id" {
  description = "The security group that EKS makes for control plane and nodes."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

# The nine modules, put together. An environment says what differs and nothing else.

locals {
  name = "${var.project}-${var.environment}"

  lustre = var.models.source == "lustre"
  waits  = var.protected ? 30 : 7
}

module "network" {
  source = "../network"

  name                    = local.name
  cidr                    = var.network.cidr
  zones                   = var.network.zones
  nat                     = var.network.nat
  interface_endpoints     = var.network.interface_endpoints
  flow_log_retention_days = var.observability.retention_days
  log_kms_key_arn         = module.security.key_arns["logs"]
}

module "security" {
  source = "../security"

  name                   = local.name
  vpc_id                 = module.network.vpc_id
  node_security_group_id = module.cluster.node_security_group_id
  key_deletion_days      = local.waits
  force_delete           = !var.protected
}

module "cluster" {
  source = "../cluster"

  name                 = local.name
  kubernetes_version   = var.cluster.version
  subnet_ids           = module.network.intra_subnet_ids
  public_access_cidrs  = var.cluster.public_access_cidrs
  admin_principal_arns = var.cluster.admin_principal_arns
  secrets_key_arn      = module.security.key_arns["cluster"]
  log_kms_key_arn      = module.security.key_arns["logs"]
  log_retention_days   = var.observability.retention_days
  cni_role_arn         = module.iam.role_arns["vpc-cni"]
  addon_versions       = var.cluster.addon_versions
}

module "iam" {
  source = "../iam"

  cluster_name     = local.name
  cluster_arn      = module.cluster.arn
  tier_models      = { for tier in var.tiers : tier.name => tier.model }
  model_bucket_arn = module.storage.bucket_arn
  data_key_arn     = module.security.key_arns["data"]
  secret_arns      = [module.cache.secret_arn]
  log_group_arns   = values(module.observability.log_group_arns)
  metrics          = var.observability.prometheus
  prometheus_arn   = try(module.observability.prometheus.arn, null)
  autoscaler       = var.autoscaler
}

module "system_nodes" {
  source = "../system-nodes"

  cluster_name       = module.cluster.name
  kubernetes_version = var.cluster.version
  ami_release        = var.cluster.ami_release
  subnet_ids         = module.network.private_subnet_ids
  node_role_arn      = module.iam.node_role_arn
  volume_key_arn     = module.security.key_arns["data"]
  instance_types     = var.system_nodes.instance_types
  nodes              = var.system_nodes.nodes
  ebs_csi_role_arn   = module.iam.role_arns["ebs-csi"]
  lustre             = local.lustre
  addon_versions     = var.cluster.addon_versions
}

module "gpu_nodes" {
  source = "../gpu-nodes"

  cluster_name       = module.cluster.name
  kubernetes_version = var.cluster.version
  ami_release        = var.cluster.ami_release
  subnet_ids         = module.network.private_subnet_ids
  node_role_arn      = module.iam.node_role_arn
  volume_key_arn     = module.security.key_arns["data"]
  tiers              = { for tier in var.tiers : tier.name => tier }
  karpenter          = var.autoscaler == "karpenter"
}

module "storage" {
  source = "../storage"

  name                     = local.name
  key_arn                  = module.security.key_arns["data"]
  force_destroy            = !var.protected
  lustre                   = local.lustre ? var.models.lustre : null
  lustre_subnet_id         = module.network.private_subnet_ids[0]
  lustre_security_group_id = module.security.lustre_security_group_id
  log_group_arn            = module.observability.lustre_log_group_arn
}

module "cache" {
  source = "../cache"

  name                 = local.name
  subnet_ids           = module.network.intra_subnet_ids
  security_group_id    = module.security.cache_security_group_id
  key_arn              = module.security.key_arns["data"]
  node_type            = var.cache.node_type
  nodes                = var.cache.nodes
  snapshot_days        = var.cache.snapshot_days
  secret_recovery_days = var.protected ? 30 : 0
}

module "observability" {
  source = "../observability"

  name                  = local.name
  cost_tag              = var.environment
  log_kms_key_arn       = module.security.key_arns["logs"]
  retention_days        = var.observability.retention_days
  prometheus            = var.observability.prometheus
  grafana               = var.observability.grafana
  alert_emails          = var.observability.alert_emails
  monthly_budget_usd    = var.observability.monthly_budget_usd
  anomaly_threshold_usd = var.observability.anomaly_threshold_usd
}

# What the chart must know of the platform, in the words of its values: the one file between the two.

locals {
  storage = {
    hub = { type = "hub" }
    ebs = { type = "ebs", storageClassName = module.system_nodes.storage_class }
    lustre = {
      type = "fsx"
      size = "${try(module.storage.lustre.capacity_gb, 0)}Gi"
      fsx = {
        fileSystemId = try(module.storage.lustre.id, "")
        dnsName      = try(module.storage.lustre.dns_name, "")
        mountName    = try(module.storage.lustre.mount_name, "")
      }
    }
  }

  # Each the whole of its own kind: an object that lacks keys would be filled with nulls, which Helm takes as given.
  tier_storage = jsondecode({ for source, it in local.storage : source => jsonencode(it) }[var.models.source])

  helm_values = {
    image = { repository = module.security.repository_urls["router"] }

    tiers = [for tier in var.tiers : {
      name         = tier.name
      model        = tier.model
      nodeSelector = module.gpu_nodes.scheduling[tier.name].labels
      tolerations = [for taint in module.gpu_nodes.scheduling[tier.name].taints : {
        key      = taint.key
        operator = "Equal"
        value    = taint.value
        effect   = taint.effect
      }]
      replicas = max(1, tier.on_demand.desired + tier.spot.desired)
      storage  = merge(local.tier_storage, local.lustre ? { path = "models/${tier.model}" } : {})
    }]

    redis = {
      external = {
        url            = module.cache.url
        existingSecret = "tiergate-redis"
        cidrs          = [module.network.cidr]
      }
    }

    externalSecrets = {
      enabled  = true
      storeRef = { name = "aws", kind = "ClusterSecretStore" }
      secrets = [{
        name = "tiergate-redis"
        data = [{ secretKey = "password", remoteRef = { key = module.cache.secret_name, property = "password" } }]
      }]
    }
  }
}

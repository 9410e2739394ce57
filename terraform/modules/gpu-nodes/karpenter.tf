# Karpenter instead of the cluster autoscaler: it picks the cheapest type and zone that has a GPU left.
# AWS's part is made here; the NodePools are Kubernetes objects and leave as a manifest.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  karpenter = toset(var.karpenter ? ["karpenter"] : [])
  node_role = element(split("/", var.node_role_arn), -1)

  node_class = {
    apiVersion = "karpenter.k8s.aws/v1"
    kind       = "EC2NodeClass"
    metadata   = { name = "tiergate-gpu" }
    spec = {
      role                       = local.node_role
      amiSelectorTerms           = [{ alias = "al2023@latest" }]
      subnetSelectorTerms        = [{ tags = { "karpenter.sh/discovery" = var.cluster_name } }]
      securityGroupSelectorTerms = [{ tags = { "aws:eks:cluster-name" = var.cluster_name } }]
      instanceStorePolicy        = "RAID0"
      metadataOptions            = { httpTokens = "required", httpPutResponseHopLimit = 1 }
      blockDeviceMappings = [{
        deviceName = "/dev/xvda"
        ebs        = { volumeSize = "${var.disk_gb}Gi", volumeType = "gp3", encrypted = true, kmsKeyID = var.volume_key_arn }
      }]
      tags = { Name = "${var.cluster_name}-gpu" }
    }
  }

  node_pools = [
    for tier, it in var.tiers : {
      apiVersion = "karpenter.sh/v1"
      kind       = "NodePool"
      metadata   = { name = "tiergate-${tier}" }
      spec = {
        limits = { "nvidia.com/gpu" = it.on_demand.max + it.spot.max }
        disruption = {
          consolidationPolicy = "WhenEmpty" # moving a model costs minutes; an empty node costs money
          consolidateAfter    = "10m"
        }
        template = {
          metadata = { labels = local.scheduling[tier].labels }
          spec = {
            nodeClassRef = { group = "karpenter.k8s.aws", kind = "EC2NodeClass", name = local.node_class.metadata.name }
            taints       = local.scheduling[tier].taints
            requirements = [
              { key = "node.kubernetes.io/instance-type", operator = "In", values = it.instance_types },
              { key = "kubernetes.io/arch", operator = "In", values = ["amd64"] },
              {
                key      = "karpenter.sh/capacity-type"
                operator = "In"
                values   = compact([it.spot.max > 0 ? "spot" : "", it.on_demand.max > 0 ? "on-demand" : ""])
              },
            ]
          }
        }
      }
    }
  ]

  karpenter_manifests = join("---\n", [for manifest in concat([local.node_class], local.node_pools) : yamlencode(manifest)])
}

# Two minutes before a spot node goes, EC2 says so here.
resource "aws_sqs_queue" "interruptions" {
  for_each                  = local.karpenter
  name                      = "${var.cluster_name}-interruptions"
  message_retention_seconds = 300
  sqs_managed_sse_enabled   = true
}

data "aws_iam_policy_document" "interruptions" {
  for_each = local.karpenter

  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.interruptions[each.key].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for rule in aws_cloudwatch_event_rule.interruptions : rule.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "interruptions" {
  for_each  = local.karpenter
  queue_url = aws_sqs_queue.interruptions[each.key].url
  policy    = data.aws_iam_policy_document.interruptions[each.key].json
}

resource "aws_cloudwatch_event_rule" "interruptions" {
  for_each = var.karpenter ? {
    spot      = { source = "aws.ec2", detail = "EC2 Spot Instance Interruption Warning" }
    rebalance = { source = "aws.ec2", detail = "EC2 Instance Rebalance Recommendation" }
    state     = { source = "aws.ec2", detail = "EC2 Instance State-change Notification" }
    health    = { source = "aws.health", detail = "AWS Health Event" }
  } : {}
  name          = "${var.cluster_name}-${each.key}"
  description   = "${each.value.detail}, for Karpenter"
  event_pattern = jsonencode({ source = [each.value.source], "detail-type" = [each.value.detail] })
}

resource "aws_cloudwatch_event_target" "interruptions" {
  for_each = aws_cloudwatch_event_rule.interruptions
  rule     = each.value.name
  arn      = aws_sqs_queue.interruptions["karpenter"].arn
}

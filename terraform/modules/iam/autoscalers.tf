# Who adds and removes nodes. Each may change what carries this cluster's tag, and look at the rest:
# EC2 and Auto Scaling know no resource for their Describe calls.

locals {
  ec2   = "arn:${local.partition}:ec2:${local.region}"
  owned = { "aws:ResourceTag/kubernetes.io/cluster/${var.cluster_name}" = "owned" }
  asks  = { "aws:RequestTag/kubernetes.io/cluster/${var.cluster_name}" = "owned", "aws:RequestTag/eks:eks-cluster-name" = var.cluster_name }

  autoscalers = {
    cluster-autoscaler = { cluster-autoscaler = {
      namespace       = "kube-system"
      service_account = "cluster-autoscaler"
      statements = [
        {
          Sid    = "Look"
          Effect = "Allow"
          Action = [
            "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances",
            "autoscaling:DescribeLaunchConfigurations", "autoscaling:DescribeScalingActivities",
            "autoscaling:DescribeTags", "ec2:DescribeImages", "ec2:DescribeInstanceTypes",
            "ec2:DescribeLaunchTemplateVersions", "ec2:GetInstanceTypesFromInstanceRequirements",
          ]
          Resource = ["*"]
        },
        {
          # The labels and taints of a group without a node in it: how it scales from zero.
          Sid      = "LookAtGroups"
          Effect   = "Allow"
          Action   = ["eks:DescribeNodegroup"]
          Resource = ["arn:${local.partition}:eks:${local.region}:${local.account}:nodegroup/${var.cluster_name}/*/*"]
        },
        {
          Sid       = "Scale"
          Effect    = "Allow"
          Action    = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
          Resource  = ["arn:${local.partition}:autoscaling:${local.region}:${local.account}:autoScalingGroup:*:autoScalingGroupName/*"]
          Condition = { StringEquals = { "aws:ResourceTag/k8s.io/cluster-autoscaler/${var.cluster_name}" = "owned" } }
        },
      ]
    } }

    karpenter = { karpenter = {
      namespace       = "kube-system"
      service_account = "karpenter"
      statements = [
        {
          Sid      = "StartFrom"
          Effect   = "Allow"
          Action   = ["ec2:RunInstances", "ec2:CreateFleet"]
          Resource = concat(["${local.ec2}::image/*", "${local.ec2}::snapshot/*"], [for kind in ["security-group", "subnet"] : "${local.ec2}:*:${kind}/*"])
        },
        {
          Sid       = "StartFromOwnTemplates"
          Effect    = "Allow"
          Action    = ["ec2:RunInstances", "ec2:CreateFleet"]
          Resource  = ["${local.ec2}:*:launch-template/*"]
          Condition = { StringEquals = local.owned }
        },
        {
          Sid       = "StartTagged"
          Effect    = "Allow"
          Action    = ["ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"]
          Resource  = [for kind in ["fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request"] : "${local.ec2}:*:${kind}/*"]
          Condition = { StringEquals = local.asks }
        },
        {
          Sid       = "TagWhatItStarts"
          Effect    = "Allow"
          Action    = ["ec2:CreateTags"]
          Resource  = [for kind in ["fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request"] : "${local.ec2}:*:${kind}/*"]
          Condition = { StringEquals = merge(local.asks, { "ec2:CreateAction" = ["RunInstances", "CreateFleet", "CreateLaunchTemplate"] }) }
        },
        {
          # After the start: the name, and the claim that the instance was started for.
          Sid      = "NameOwn"
          Effect   = "Allow"
          Action   = ["ec2:CreateTags"]
          Resource = ["${local.ec2}:*:instance/*"]
          Condition = {
            StringEquals                = local.owned
            StringEqualsIfExists        = { "aws:RequestTag/eks:eks-cluster-name" = var.cluster_name }
            "ForAllValues:StringEquals" = { "aws:TagKeys" = ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"] }
          }
        },
        {
          Sid       = "EndOwn"
          Effect    = "Allow"
          Action    = ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"]
          Resource  = ["${local.ec2}:*:instance/*", "${local.ec2}:*:launch-template/*"]
          Condition = { StringEquals = local.owned }
        },
        {
          Sid    = "Look"
          Effect = "Allow"
          Action = [
            "ec2:DescribeCapacityReservations", "ec2:DescribeImages", "ec2:DescribeInstances", "ec2:DescribeInstanceStatus",
            "ec2:DescribeInstanceTypeOfferings", "ec2:DescribeInstanceTypes", "ec2:DescribeLaunchTemplates",
            "ec2:DescribePlacementGroups", "ec2:DescribeSecurityGroups", "ec2:DescribeSpotPriceHistory", "ec2:DescribeSubnets",
            "iam:ListInstanceProfiles", "pricing:GetProducts",
          ]
          Resource = ["*"]
        },
        {
          Sid      = "FindImages"
          Effect   = "Allow"
          Action   = ["ssm:GetParameter"]
          Resource = ["arn:${local.partition}:ssm:${local.region}::parameter/aws/service/*"]
        },
        {
          Sid      = "HearOfInterruptions"
          Effect   = "Allow"
          Action   = ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
          Resource = ["arn:${local.partition}:sqs:${local.region}:${local.account}:${var.cluster_name}-interruptions"]
        },
        {
          Sid       = "GiveNodesTheirRole"
          Effect    = "Allow"
          Action    = ["iam:PassRole"]
          Resource  = [aws_iam_role.node.arn]
          Condition = { StringEquals = { "iam:PassedToService" = "ec2.amazonaws.com" } }
        },
        {
          Sid       = "MakeProfiles"
          Effect    = "Allow"
          Action    = ["iam:CreateInstanceProfile", "iam:TagInstanceProfile"]
          Resource  = ["arn:${local.partition}:iam::${local.account}:instance-profile/*"]
          Condition = { StringEquals = local.asks }
        },
        {
          Sid       = "ChangeOwnProfiles"
          Effect    = "Allow"
          Action    = ["iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile"]
          Resource  = ["arn:${local.partition}:iam::${local.account}:instance-profile/*"]
          Condition = { StringEquals = local.owned }
        },
        {
          Sid      = "ReadProfiles"
          Effect   = "Allow"
          Action   = ["iam:GetInstanceProfile"]
          Resource = ["arn:${local.partition}:iam::${local.account}:instance-profile/*"]
        },
        {
          Sid      = "FindTheCluster"
          Effect   = "Allow"
          Action   = ["eks:DescribeCluster"]
          Resource = [var.cluster_arn]
        },
      ]
    } }
  }
}

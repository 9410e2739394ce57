mock_provider "aws" {
  source = "../../testing"
}

variables {
  name                 = "tiergate-test"
  subnet_ids           = ["subnet-0a", "subnet-0b"]
  secrets_key_arn      = "arn:aws:kms:us-east-1:123456789012:key/cluster"
  log_kms_key_arn      = "arn:aws:kms:us-east-1:123456789012:key/logs"
  cni_role_arn         = "arn:aws:iam::123456789012:role/cni"
  admin_principal_arns = ["arn:aws:iam::123456789012:role/platform"]
}

run "private_encrypted_logged" {
  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "The API must listen inside the VPC and nowhere else."
  }

  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == var.secrets_key_arn
    error_message = "Secrets must be encrypted by the key that was given."
  }

  assert {
    condition     = length(aws_eks_cluster.this.enabled_cluster_log_types) == 5
    error_message = "Every log of the control plane must be on."
  }

  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions
    error_message = "Access entries alone decide, and the creator is not an administrator by accident."
  }

  assert {
    condition     = toset(keys(aws_eks_access_policy_association.admin)) == var.admin_principal_arns
    error_message = "Exactly the named principals administer the cluster."
  }

  assert {
    condition     = jsondecode(aws_eks_addon.network.configuration_values).enableNetworkPolicy == "true"
    error_message = "Without this the chart's NetworkPolicies are words."
  }

  assert {
    condition     = one(aws_eks_addon.network.pod_identity_association).role_arn == var.cni_role_arn
    error_message = "The pod network must have its own role, not the nodes'."
  }
}

run "public_by_address" {
  command = plan

  variables {
    public_access_cidrs = ["203.0.113.0/24"]
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_public_access && aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "The internet must be let in from the named addresses alone."
  }
}

run "refuses_the_whole_internet_and_the_rest" {
  command = plan

  variables {
    name                 = "UPPER"
    kubernetes_version   = "1.29"
    subnet_ids           = ["subnet-0a"]
    public_access_cidrs  = ["0.0.0.0/0"]
    secrets_key_arn      = "key"
    log_kms_key_arn      = "key"
    log_retention_days   = 2
    admin_principal_arns = []
    cni_role_arn         = "role"
    addon_versions       = { coredns = "latest" }
  }

  expect_failures = [
    var.name, var.kubernetes_version, var.subnet_ids, var.public_access_cidrs, var.secrets_key_arn, var.log_kms_key_arn,
    var.log_retention_days, var.admin_principal_arns, var.cni_role_arn, var.addon_versions,
  ]
}

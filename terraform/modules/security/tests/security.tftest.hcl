mock_provider "aws" {
  source = "../../testing"
}

variables {
  name                   = "tiergate-test"
  vpc_id                 = "vpc-0a1b2c3d"
  node_security_group_id = "sg-0d0e0f00"
}

run "keys_turn_and_images_stay" {
  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.enable_key_rotation && key.deletion_window_in_days == 30])
    error_message = "Keys must rotate, and deletion must wait."
  }

  assert {
    condition     = toset(keys(output.key_arns)) == toset(["cluster", "data", "logs"])
    error_message = "One key a purpose."
  }

  assert {
    condition = alltrue([for repository in aws_ecr_repository.this :
      repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push && !repository.force_delete
    ])
    error_message = "Images must be immutable, scanned, and not deleted by accident."
  }
}

run "nodes_alone_reach_state" {
  command = plan

  assert {
    condition     = aws_vpc_security_group_ingress_rule.cache.referenced_security_group_id == var.node_security_group_id && aws_vpc_security_group_ingress_rule.cache.cidr_ipv4 == null
    error_message = "The cache must admit the nodes' security group and no address."
  }

  assert {
    condition     = alltrue([for rule in values(aws_vpc_security_group_ingress_rule.lustre) : rule.cidr_ipv4 == null && rule.to_port <= 1023])
    error_message = "Lustre must admit security groups alone, on its own ports."
  }
}

run "refuses" {
  command = plan

  variables {
    name                   = "X"
    vpc_id                 = "10.0.0.0"
    node_security_group_id = "nodes"
    key_deletion_days      = 3
    repositories           = ["Router"]
    kept_images            = 0
  }

  expect_failures = [
    var.name, var.vpc_id, var.node_security_group_id, var.key_deletion_days, var.repositories, var.kept_images,
  ]
}

mock_provider "aws" {
  source = "../../testing"
}

variables {
  name            = "tiergate-test"
  cidr            = "10.40.0.0/16"
  log_kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/logs"
}

run "a_way_out_in_each_zone" {
  assert {
    condition     = length(aws_nat_gateway.this) == 3 && alltrue([for zone, route in aws_route.nat : route.nat_gateway_id == aws_nat_gateway.this[zone].id])
    error_message = "Each zone's private subnet must leave through its own zone's NAT gateway."
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch != true])
    error_message = "Nothing gets a public address unasked."
  }

  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.interface : endpoint.private_dns_enabled && length(endpoint.subnet_ids) > 0])
    error_message = "An endpoint without private DNS is passed by."
  }

  assert {
    condition     = toset(keys(aws_vpc_endpoint.interface)) == toset(["ecr.api", "ecr.dkr", "sts", "logs", "eks-auth"]) && aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway"
    error_message = "Images, credentials and logs must not need the internet."
  }

  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_cloudwatch_log_group.flow.kms_key_id == var.log_kms_key_arn
    error_message = "All traffic is logged, and the log encrypted."
  }

  assert {
    condition = !contains(
      concat([aws_route.internet.route_table_id], [for route in aws_route.nat : route.route_table_id]), aws_route_table.intra.id
    )
    error_message = "The intra subnets must have no way out."
  }

  assert {
    condition     = length(output.private_subnet_ids) == 3 && length(output.intra_subnet_ids) == 3
    error_message = "Three zones by default."
  }
}

run "one_way_out" {
  command = plan

  variables {
    nat                 = "single"
    interface_endpoints = []
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.nat) == 3 && length(aws_vpc_endpoint.interface) == 0
    error_message = "A single NAT gateway serves all zones."
  }
}

run "refuses" {
  command = plan

  variables {
    name                    = "Tiergate"
    cidr                    = "10.40.1.0/16"
    zones                   = 5
    nat                     = "none"
    interface_endpoints     = ["ecr api"]
    flow_log_retention_days = 13
    log_kms_key_arn         = "alias/logs"
  }

  expect_failures = [
    var.name, var.cidr, var.zones, var.nat, var.interface_endpoints, var.flow_log_retention_days, var.log_kms_key_arn,
  ]
}

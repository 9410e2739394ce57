# Three kinds of subnet in each zone: public for load balancers and NAT, private for nodes and pods,
# intra, without a way out, for the control plane's interfaces, the cache and the file system.

data "aws_availability_zones" "available" {
  state = "available"

  # Local Zones have neither EKS control planes nor FSx.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  zones = slice(data.aws_availability_zones.available.names, 0, var.zones)

  # The first three quarters of the block are private; the last one is shared by the small kinds.
  last_quarter = cidrsubnet(var.cidr, 2, 3)
  private      = { for index, zone in local.zones : zone => cidrsubnet(var.cidr, 2, index) }
  public       = { for index, zone in local.zones : zone => cidrsubnet(local.last_quarter, 3, index) }
  intra        = { for index, zone in local.zones : zone => cidrsubnet(local.last_quarter, 3, 4 + index) }

  nat_zones = var.nat == "single" ? slice(local.zones, 0, 1) : local.zones
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_hostnames = true # interface endpoints and FSx are found by name
  enable_dns_support   = true
  tags                 = { Name = var.name }
}

# Without a rule in it: whatever forgets to name a security group can reach nothing.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-default-closed" }
}

resource "aws_subnet" "public" {
  for_each          = local.public
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name                                = "${var.name}-public-${each.key}"
    "kubernetes.io/role/elb"            = "1"
    "kubernetes.io/cluster/${var.name}" = "shared"
  }
}

resource "aws_subnet" "private" {
  for_each          = local.private
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name                                = "${var.name}-private-${each.key}"
    "kubernetes.io/role/internal-elb"   = "1"
    "kubernetes.io/cluster/${var.name}" = "shared"
    "karpenter.sh/discovery"            = var.name
  }
}

resource "aws_subnet" "intra" {
  for_each          = local.intra
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = { Name = "${var.name}-intra-${each.key}" }
}

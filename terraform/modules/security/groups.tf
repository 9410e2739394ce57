# Who may reach what holds state: the nodes, on the one port, and nobody else.

resource "aws_security_group" "cache" {
  name        = "${var.name}-cache"
  description = "Redis from the nodes"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-cache" }
}

resource "aws_vpc_security_group_ingress_rule" "cache" {
  security_group_id            = aws_security_group.cache.id
  description                  = "Redis over TLS from the nodes"
  referenced_security_group_id = var.node_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_security_group" "lustre" {
  name        = "${var.name}-lustre"
  description = "Lustre from the nodes and among its own servers"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-lustre" }
}

locals {
  lustre_ports = { control = [988, 988], data = [1018, 1023] }
  lustre_peers = { nodes = var.node_security_group_id, servers = aws_security_group.lustre.id }
  lustre_rules = {
    for pair in setproduct(["nodes", "servers"], keys(local.lustre_ports)) :
    join("-", pair) => { peer = pair[0], ports = local.lustre_ports[pair[1]] }
  }
}

resource "aws_vpc_security_group_ingress_rule" "lustre" {
  for_each                     = local.lustre_rules
  security_group_id            = aws_security_group.lustre.id
  description                  = "Lustre, ${each.key}"
  referenced_security_group_id = local.lustre_peers[each.value.peer]
  ip_protocol                  = "tcp"
  from_port                    = each.value.ports[0]
  to_port                      = each.value.ports[1]
}

resource "aws_vpc_security_group_egress_rule" "lustre" {
  for_each                     = local.lustre_rules
  security_group_id            = aws_security_group.lustre.id
  description                  = "Lustre, ${each.key}"
  referenced_security_group_id = local.lustre_peers[each.value.peer]
  ip_protocol                  = "tcp"
  from_port                    = each.value.ports[0]
  to_port                      = each.value.ports[1]
}

output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "cidr" {
  description = "The VPC's IPv4 block."
  value       = aws_vpc.this.cidr_block
}

output "zones" {
  description = "The availability zones in use."
  value       = local.zones
}

output "public_subnet_ids" {
  description = "Subnets of load balancers, one a zone."
  value       = [for zone in local.zones : aws_subnet.public[zone].id]
}

output "private_subnet_ids" {
  description = "Subnets of nodes and pods, one a zone."
  value       = [for zone in local.zones : aws_subnet.private[zone].id]
}

output "intra_subnet_ids" {
  description = "Subnets without a way out, one a zone: control plane, cache, file system."
  value       = [for zone in local.zones : aws_subnet.intra[zone].id]
}

output "subnet_cidrs" {
  description = "The block of every subnet, by kind and zone."
  value       = { public = local.public, private = local.private, intra = local.intra }
}

output "nat_addresses" {
  description = "The public addresses that the platform's own requests come from."
  value       = [for address in aws_eip.nat : address.public_ip]
}

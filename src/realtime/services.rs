//! Services: the nearest `package.json` folders that hold a realtime endpoint.

use super::attachments::{AttachmentFacts, framework_class};
use super::deliveries::Delivery;
use super::endpoints::Endpoints;
use super::model::{Endpoint, EndpointId, Service, ServiceId};
use super::program::Program;
use crate::modules::ModuleId;
use crate::source::PackageId;

/// The services found so far, and which endpoint belongs to which.
#[derive(Debug, Default)]
pub(crate) struct Services {
    packages: Vec<Option<PackageId>>,
    /// The report's id of each endpoint; none for those that are not reported.
    ids: Vec<Option<EndpointId>>,
    /// The reported endpoints.
    pub(crate) endpoints: Vec<Endpoint>,
    of_endpoint: Vec<ServiceId>,
}

impl Services {
    /// The services of the endpoints, in order of folder.
    pub(crate) fn new(program: &Program, endpoints: &Endpoints, attachments: &[AttachmentFacts]) -> Self {
        let mut services = Services::default();
        let mut packages: Vec<Option<PackageId>> =
            endpoints.list.iter().map(|each| package(program, each.place.module)).collect();
        packages.sort();
        packages.dedup();
        services.packages = packages;
        let gateways = endpoints.list.iter().any(|each| each.role.adapter_installed);
        for (index, each) in endpoints.list.iter().enumerate() {
            let service = services.of_package(package(program, each.place.module));
            services.of_endpoint.push(service);
            // What a framework adapter creates is the server behind the framework's own endpoints.
            let behind = gateways && each.site.is_some_and(|site| framework_class(program, site).is_some());
            if behind {
                services.ids.push(None);
                continue;
            }
            services.ids.push(Some(EndpointId(services.endpoints.len() as u32)));
            services.endpoints.push(Endpoint {
                service,
                transport: each.role.transport.clone(),
                place: each.place,
                attachments: attachments
                    .iter()
                    .filter(|attachment| attachment.endpoint == index)
                    .map(|attachment| attachment.attachment.clone())
                    .collect(),
            });
        }
        services
    }

    /// The report's id of an endpoint.
    pub(crate) fn endpoint_id(&self, endpoint: usize) -> Option<EndpointId> {
        self.ids.get(endpoint).copied().flatten()
    }

    /// The service of an endpoint.
    pub(crate) fn of_endpoint(&self, endpoint: usize) -> Option<ServiceId> {
        self.of_endpoint.get(endpoint).copied()
    }

    /// The service that runs a delivery: its endpoint's, else the one whose code it or its triggers are.
    pub(crate) fn of_path(&mut self, program: &Program, delivery: &Delivery, endpoint: Option<usize>) -> ServiceId {
        if let Some(service) = endpoint.and_then(|endpoint| self.of_endpoint(endpoint)) {
            return service;
        }
        let own = package(program, delivery.site.module);
        let triggers = delivery.triggers.iter().map(|trigger| package(program, trigger.place.module));
        let known = std::iter::once(own).chain(triggers).find(|each| self.packages.contains(each));
        self.of_package(known.unwrap_or(own))
    }

    /// The service of a module's package; a new one if need be.
    pub(crate) fn of_module(&mut self, program: &Program, module: ModuleId) -> ServiceId {
        self.of_package(package(program, module))
    }

    fn of_package(&mut self, package: Option<PackageId>) -> ServiceId {
        let known = self.packages.iter().position(|&each| each == package);
        ServiceId(known.unwrap_or_else(|| {
            self.packages.push(package);
            self.packages.len() - 1
        }) as u32)
    }

    /// The services for the report.
    pub(crate) fn list(&self) -> Vec<Service> {
        self.packages.iter().map(|&package| Service { package }).collect()
    }
}

fn package(program: &Program, module: ModuleId) -> Option<PackageId> {
    program.project.file(program.file(module)).package
}

//! Users for administrators, as a gRPC service.

use std::collections::BTreeMap;

use caruso_api::identity::v1 as proto;
use caruso_component::{Role, status};
use proto::people_server::People;
use tonic::{Code, Request, Response, Status};

use crate::password;
use crate::people::Person;
use crate::service::{Service, roles};
use crate::users::{Change, check_password};

#[tonic::async_trait]
impl People for Service {
    async fn list_users(
        &self,
        _: Request<proto::ListUsersRequest>,
    ) -> Result<Response<proto::ListUsersResponse>, Status> {
        let people = self.people();
        let users = people.all().map(|(name, person)| record(name, person)).collect();
        Ok(Response::new(proto::ListUsersResponse { users }))
    }

    async fn add_user(
        &self,
        request: Request<proto::AddUserRequest>,
    ) -> Result<Response<proto::AddUserResponse>, Status> {
        let proto::AddUserRequest { user, password, device_secret } = request.into_inner();
        let user = user.unwrap_or_default();
        let person = Person {
            display_name: user.display_name,
            roles: known_roles(&user.roles)?,
            team: user.team,
            extension: user.extension,
            skills: levels(user.skills),
            password: self.hashed(password).await?,
            device_secret,
        };
        let name = user.name;
        let user = self.change(|people| {
            people.add(&name, person.clone())?;
            Ok(record(&name, &person))
        });
        let user = Some(user.await?);
        tracing::info!("a user was added");
        Ok(Response::new(proto::AddUserResponse { user }))
    }

    async fn change_user(
        &self,
        request: Request<proto::ChangeUserRequest>,
    ) -> Result<Response<proto::ChangeUserResponse>, Status> {
        let asked = request.into_inner();
        let has_new_password = asked.password.is_some();
        let change = Change {
            display_name: asked.display_name,
            roles: asked.roles.map(|it| known_roles(&it.roles)).transpose()?,
            team: asked.team,
            extension: asked.extension,
            skills: asked.skills.map(|it| levels(it.skills)),
            password: match asked.password {
                Some(password) => Some(self.hashed(password).await?),
                None => None,
            },
            device_secret: asked.device_secret,
        };
        let name = asked.name;
        let user = self.change(|people| {
            people.change(&name, change)?;
            Ok(people.person(&name).map(|person| record(&name, person)))
        });
        let user = user.await?;
        if has_new_password {
            self.end_sessions(&name).await;
        }
        tracing::info!("a user was changed");
        Ok(Response::new(proto::ChangeUserResponse { user }))
    }

    async fn remove_user(
        &self,
        request: Request<proto::RemoveUserRequest>,
    ) -> Result<Response<proto::RemoveUserResponse>, Status> {
        let name = request.into_inner().name;
        if self.change(|people| people.remove(&name)).await? {
            self.end_sessions(&name).await;
            tracing::info!("a user was removed");
        }
        Ok(Response::new(proto::RemoveUserResponse {}))
    }
}

impl Service {
    async fn hashed(&self, password: String) -> Result<String, Status> {
        check_password(&password).map_err(crate::service::refused)?;
        let hash = self.work(move || password::hash(&password)).await?;
        hash.map_err(|error| Status::internal(error.to_string()))
    }
}

fn record(name: &str, person: &Person) -> proto::UserRecord {
    let skills = person.skills.iter().map(|(name, level)| (name.clone(), u32::from(*level)));
    proto::UserRecord {
        name: name.to_owned(),
        display_name: person.display_name.clone(),
        roles: roles(person),
        team: person.team.clone(),
        extension: person.extension.clone(),
        skills: skills.collect(),
    }
}

fn known_roles(roles: &[i32]) -> Result<Vec<Role>, Status> {
    let known = |role: &i32| match proto::Role::try_from(*role) {
        Ok(proto::Role::Agent) => Ok(Role::Agent),
        Ok(proto::Role::Supervisor) => Ok(Role::Supervisor),
        Ok(proto::Role::Administrator) => Ok(Role::Administrator),
        _ => Err(status(Code::InvalidArgument, "CI0106", "there is no such role")),
    };
    let mut roles = roles.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

/// What is no number of a proficiency becomes one that is refused.
fn levels(skills: BTreeMap<String, u32>) -> BTreeMap<String, u8> {
    let level = |(name, level): (String, u32)| (name, u8::try_from(level).unwrap_or(u8::MAX));
    skills.into_iter().map(level).collect()
}

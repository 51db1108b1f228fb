<?php
/** What there is in this MediaWiki to do with rights and accounts, as JSON. */

use MediaWiki\Auth\PasswordAuthenticationRequest;

class TellAccounts extends Maintenance {
	public function execute() {
		$services = $this->getServiceContainer();
		$manager = $services->getAuthManager();
		$request = new PasswordAuthenticationRequest();
		$request->username = 'Hal';
		$request->password = $request->retype = 'another long password';
		$this->output( json_encode( [
			'rights' => $services->getPermissionManager()->getAllPermissions(),
			'pages' => $services->getSpecialPageFactory()->getNames(),
			'canCreate' => $manager->canCreateAccounts(),
			'canChange' => $manager->allowsAuthenticationDataChange( $request )->isGood(),
		] ) );
	}
}

$maintClass = TellAccounts::class;
require_once RUN_MAINTENANCE_IF_MAIN;

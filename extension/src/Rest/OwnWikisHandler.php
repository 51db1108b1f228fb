<?php

namespace MediaWiki\Extension\WikiFarm\Rest;

use MediaWiki\Extension\WikiFarm\ServiceRequest;
use MediaWiki\Rest\Response;

/** GET /wikifarm/v1/users/me/wikis: those of whoever asks, also those that are being made. */
class OwnWikisHandler extends WikiListHandler {
	public function run(): Response {
		$user = $this->requireUser();
		$path = [ 'users', (string)$user->id, 'wikis' ];
		return $this->answer( $this->ask( ServiceRequest::to( 'GET', $path, $this->page() ), $user ) );
	}
}

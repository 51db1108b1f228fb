<?php

namespace MediaWiki\Extension\WikiFarm\Rest;

use MediaWiki\Extension\WikiFarm\ServiceRequest;
use MediaWiki\Rest\Handler;
use MediaWiki\Rest\Response;
use Wikimedia\ParamValidator\ParamValidator;

/** GET /wikifarm/v1/tasks/{id}: how far a task is. The service says whose it is. */
class TaskHandler extends WikiFarmHandler {
	public function run( string $id ): Response {
		return $this->answer( $this->ask( ServiceRequest::to( 'GET', [ 'tasks', $id ] ), $this->requireUser() ) );
	}

	/** @inheritDoc */
	public function getParamSettings() {
		return [
			'id' => [
				Handler::PARAM_SOURCE => 'path',
				ParamValidator::PARAM_TYPE => 'string',
				ParamValidator::PARAM_REQUIRED => true,
			],
		];
	}

	/** @inheritDoc */
	public function needsWriteAccess() {
		return false;
	}
}
